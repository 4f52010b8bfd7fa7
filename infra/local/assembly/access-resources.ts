import * as z from 'zod';
import { parsePolicy, type Statement } from '../iam/policy.ts';
import { parseProperties, type Resolved } from './resolved.ts';

export interface RoleModel {
  readonly name: string;
  readonly arn: string;
  /** Who may assume it. */
  readonly trust: readonly Statement[];
  /** Inline policies; those that are resources of their own are in PolicyModel. */
  readonly statements: readonly Statement[];
}

/** A policy as a resource of its own, and the names of the roles that have it. */
export interface PolicyModel {
  readonly roles: readonly string[];
  readonly statements: readonly Statement[];
}

export interface BucketPolicyModel {
  readonly bucket: string;
  readonly statements: readonly Statement[];
}

export interface AccessModel {
  readonly roles: RoleModel[];
  readonly policies: PolicyModel[];
  readonly bucketPolicies: BucketPolicyModel[];
}

const ignored = z.unknown().optional();
const policyDocument = z.unknown();

const role = z.strictObject({
  RoleName: z.string().optional(),
  AssumeRolePolicyDocument: policyDocument,
  Policies: z.array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument })).default([]),
  Description: ignored,
  MaxSessionDuration: ignored,
  Tags: ignored,
});

const policy = z.strictObject({
  PolicyName: z.string(),
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()),
});

/** Where a role's rights are more than its own policies hold; one that is not of the assembly is refused with its role. */
const managedPolicy = z.strictObject({
  ManagedPolicyName: z.string().optional(),
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()),
  Description: ignored,
  Path: ignored,
});

const bucketPolicy = z.strictObject({ Bucket: z.string(), PolicyDocument: policyDocument });

/** Types that say who may do what. A boundary, a user or a policy of AWS's own is refused by its name. */
export const ACCESS_BEHAVIOURS: Readonly<Record<string, (model: AccessModel, resource: Resolved) => void>> = {
  'AWS::IAM::Role': (model, resource) => {
    const read = parseProperties(role, resource);
    model.roles.push({
      name: resource.name,
      arn: resource.identity.attributes.Arn ?? '',
      trust: parsePolicy(read.AssumeRolePolicyDocument),
      statements: read.Policies.flatMap(({ PolicyDocument }) => parsePolicy(PolicyDocument)),
    });
  },
  'AWS::IAM::Policy': (model, resource) => {
    const read = parseProperties(policy, resource);
    model.policies.push({ roles: read.Roles, statements: parsePolicy(read.PolicyDocument) });
  },
  'AWS::IAM::ManagedPolicy': (model, resource) => {
    const read = parseProperties(managedPolicy, resource);
    model.policies.push({ roles: read.Roles, statements: parsePolicy(read.PolicyDocument) });
  },
  'AWS::S3::BucketPolicy': (model, resource) => {
    const read = parseProperties(bucketPolicy, resource);
    model.bucketPolicies.push({ bucket: read.Bucket, statements: parsePolicy(read.PolicyDocument) });
  },
};
