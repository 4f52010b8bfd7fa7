import { RemovalPolicy } from 'aws-cdk-lib';

/**
 * For what holds data: kept when it leaves its stack or is replaced, but taken back with a stack that failed while it was being
 * created. A name that is kept then would make the next attempt fail too:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html.
 */
export const KEPT = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
