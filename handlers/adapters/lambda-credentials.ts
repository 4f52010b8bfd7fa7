import { InvalidInput } from '../../shared/errors.ts';

/**
 * Takes the place of `@aws-sdk/credential-provider-node` in bundles (infra/bundles.ts): Lambda gives a function its role's credentials in
 * these variables and in no other way, and the ways that are left out (files, SSO, web identity, EC2) are a tenth of a bundle.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const defaultProvider = () => async () => ({
  accessKeyId: readVariable('AWS_ACCESS_KEY_ID'),
  secretAccessKey: readVariable('AWS_SECRET_ACCESS_KEY'),
  ...(process.env.AWS_SESSION_TOKEN !== undefined && { sessionToken: process.env.AWS_SESSION_TOKEN }),
});

const readVariable = (name: string): string => {
  const value = process.env[name];
  if (value !== undefined) return value;
  throw new InvalidInput(`environment variable ${name} is not there, allowed is what Lambda gives`);
};
