import { expect, test } from 'vitest';
import { connectionsJsonSchema, feedJsonSchema } from '../../../shared/feed/json-schema.ts';

test('feeds/feed.schema.json is what the schema gives (vitest run test/shared/feed/json-schema.test.ts -u writes it)', async () => {
  await expect(feedJsonSchema()).toMatchFileSnapshot('../../../feeds/feed.schema.json');
});

test('feeds/connections.schema.json is what the schema gives, written likewise', async () => {
  await expect(connectionsJsonSchema()).toMatchFileSnapshot('../../../feeds/connections.schema.json');
});

test('lets editors take unquoted numbers where their source text is kept', () => {
  expect(JSON.parse(feedJsonSchema())).toMatchObject({
    properties: {
      source: {
        properties: {
          http: {
            properties: { headers: { additionalProperties: { type: ['string', 'number', 'boolean'] } } },
          },
        },
      },
    },
  });
});
