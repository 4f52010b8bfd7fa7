import { CompositePrincipal, type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { grantListing, grantObjects } from './grant-objects.ts';

/** The role of a warehouse that we create. Serverless assumes it by either principal: https://docs.aws.amazon.com/redshift/latest/mgmt/authorizing-redshift-service.html. */
export const createCopyRole = (scope: Construct, bucket: Bucket): Role => {
  const role = new Role(scope, 'CopyRole', {
    description: 'read by COPY',
    assumedBy: new CompositePrincipal(
      new ServicePrincipal('redshift.amazonaws.com'),
      new ServicePrincipal('redshift-serverless.amazonaws.com'),
    ),
  });
  grantCopy(bucket, role);
  return role;
};

/** Lets a role read what COPY reads: manifests and part files. */
export const grantCopy = (bucket: Bucket, role: IRole): void => {
  grantObjects(bucket, role, ['s3:GetObject'], ['staged/*', 'loads/*']);
  grantListing(bucket, role);
};
