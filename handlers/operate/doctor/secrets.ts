import { fieldsWanted, namedSecrets, secretUsersOf } from '../../../shared/source/secret-users.ts';
import { type Check, type Finding, ok } from './check.ts';
import { orWrong } from './or-wrong.ts';

/** The secrets that feeds name: whether each is there, with the fields that are read of it. No value is told. */
export const secrets: Check = {
  name: 'secrets',
  needsDeployment: false,
  look: async ({ feeds, secrets: known, toStoreSecret }) => {
    const users = feeds.flatMap(secretUsersOf);
    const found: Finding[] = [];
    for (const id of namedSecrets(users)) {
      const [of, remedy] = [`secret ${id}`, toStoreSecret(id)];
      const wanted = fieldsWanted(id, users);
      found.push(
        await orWrong(of, remedy, async () => {
          const fields = await known.read(id);
          const missing = wanted.filter((field) => (fields[field] ?? '') === '');
          if (missing.length === 0) return ok(of, `is there, with ${wanted.join(', ')}`);
          return { of, state: 'wrong', says: `lacks ${missing.join(', ')}`, remedy };
        }),
      );
    }
    return found;
  },
};
