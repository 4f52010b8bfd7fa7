/** What one BatchExecuteStatement takes, as far as loads keep to it. */

/** https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html */
export const MAX_STATEMENTS = 40;

/** The Data API takes 200 KB (https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html); older pages say 100. */
export const MAX_STATEMENT_BYTES = 100_000;
