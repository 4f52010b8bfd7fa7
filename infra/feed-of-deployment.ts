import type { Feed } from '../shared/model/feed.ts';
import type { Auth } from '../shared/source/auth/registry.ts';
import type { DeploymentNames } from '../shared/state/deployment-names.ts';

/** A feed as a deployment runs it: with the ids that its secrets have there. */
export const feedOfDeployment = (feed: Feed, { secretId }: DeploymentNames): Feed => {
  const { source } = feed;
  if (source.kind !== 'http') return feed;
  const { auth, caSecret } = source;
  return {
    ...feed,
    source: {
      ...source,
      auth: withSecretId(auth, secretId),
      ...(caSecret !== undefined && { caSecret: secretId(caSecret) }),
    },
  };
};

const withSecretId = (auth: Auth, secretId: DeploymentNames['secretId']): Auth =>
  'secret' in auth ? { ...auth, secret: secretId(auth.secret) } : auth;
