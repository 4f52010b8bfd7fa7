import { describe, expect, it } from 'vitest';
import { readConfig } from '../../handlers/config.ts';
import { InvalidInput } from '../../shared/errors.ts';

describe('config', () => {
  it('reads the variables that it is asked for and no other', () => {
    const environment = { BUCKET: 'millrace-state', PATH: '/bin' };
    expect(readConfig(['BUCKET'], environment)).toEqual({ BUCKET: 'millrace-state' });
  });

  it('reads the warehouse from JSON', () => {
    const WAREHOUSE = '{"workgroupName":"wg","database":"dev"}';
    expect(readConfig(['WAREHOUSE'], { WAREHOUSE })).toEqual({
      WAREHOUSE: { workgroupName: 'wg', database: 'dev' },
    });
  });

  it.each([
    ['BUCKET', undefined],
    ['BUCKET', ''],
    ['EVENT_SOURCE', 'other'],
    ['STATEMENT_PREFIX', 'millrace'],
    ['COPY_ROLE_ARN', 'role'],
    ['WAREHOUSE', 'wg'],
    ['WAREHOUSE', '{"workgroupName":"wg"}'],
    ['WAREHOUSE', '{"workgroupName":"wg","databse":"dev","database":"dev"}'],
    ['WAREHOUSE', '{"workgroupName":"wg","clusterIdentifier":"c","database":"dev"}'],
    ['WAREHOUSE', '{"database":"dev"}'],
  ] as const)('names %s when it is %j', (name, value) => {
    const read = () => readConfig([name], { [name]: value });
    expect(read).toThrow(InvalidInput);
    expect(read).toThrow(new RegExp(`environment variable ${name}`));
  });
});
