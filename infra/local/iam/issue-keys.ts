import type { Assembly } from '../assembly/assembly.ts';
import type { IssuedKey } from './access.ts';
import { type AccessKey, makeSessionKey, makeUserKey } from './access-key.ts';

/** Session of the COPY role, as the warehouse assumes it. */
const COPY_SESSION = 'RedshiftIamRoleSession';

/** The keys of one start of the cloud: made anew each time, so that an earlier start's open nothing. */
export interface IssuedKeys {
  /** The account's administrator's: the command's, and what is printed for other clients. */
  readonly operator: AccessKey;
  /** By the functions' ARNs. */
  readonly functions: ReadonlyMap<string, Required<AccessKey>>;
  /** What COPY reads with, by the names that it may give a role. */
  readonly copy: Readonly<Record<string, AccessKey>>;
  /** Who signs with which, for the services. */
  readonly table: Readonly<Record<string, IssuedKey>>;
}

export const issueKeys = ({
  functions,
  namespaces,
}: Pick<Assembly, 'functions' | 'namespaces'>): IssuedKeys => {
  const table: Record<string, IssuedKey> = {};
  const issue = <T extends AccessKey>(key: T, role?: IssuedKey['role']): T => {
    const { accessKeyId, ...secrets } = key;
    table[accessKeyId] = { ...secrets, ...(role !== undefined && { role }) };
    return key;
  };
  const operator = issue(makeUserKey());
  const ofFunctions = functions.map(({ arn, name, roleArn }) => {
    return [arn, issue(makeSessionKey(), { arn: roleArn, session: name })] as const;
  });
  const roles = [...new Set(namespaces.flatMap((namespace) => namespace.roles))];
  const ofRoles = new Map(
    roles.map((arn) => [arn, issue(makeSessionKey(), { arn, session: COPY_SESSION })] as const),
  );
  const ofDefaults = namespaces.flatMap(({ defaultRole }) => {
    const key = defaultRole === undefined ? undefined : ofRoles.get(defaultRole);
    return key === undefined ? [] : [['default', key] as const];
  });
  return {
    operator,
    functions: new Map(ofFunctions),
    copy: Object.fromEntries([...ofRoles, ...ofDefaults]),
    table,
  };
};
