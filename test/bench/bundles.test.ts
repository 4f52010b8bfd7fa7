import { expect, test } from 'vitest';
import { measureBundles } from './bundles.ts';

test('each bundle starts by the variables of the template, and Lambda unpacks at most a megabyte of it', () => {
  const bundles = Object.entries(measureBundles(1));
  expect(bundles.length).toBeGreaterThan(10);
  for (const [state, { kilobytes }] of bundles) expect(kilobytes, state).toBeLessThanOrEqual(1000);
}, 180_000);
