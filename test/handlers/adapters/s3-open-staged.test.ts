import { describe, expect, it } from 'vitest';
import { s3OpenStaged } from '../../../handlers/adapters/s3-open-staged.ts';
import { ServiceRefused, ServiceUnavailable } from '../../../shared/errors.ts';
import { scriptedS3 } from '../../fakes/scripted-s3.ts';

const error = (status: number, code: string) => ({
  status,
  body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
});
const { signal } = new AbortController();

describe('staged files on S3', () => {
  it('are opened by their key', async () => {
    const { s3, requests } = scriptedS3([{ status: 200, body: 'a,1\n' }]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of (await s3OpenStaged(s3, 'bucket')('staged/x', signal)) ?? [])
      chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('a,1\n');
    expect(requests[0]).toMatchObject({ method: 'GET', path: expect.stringContaining('staged/x') });
  });

  it('are undefined where they are gone, and an error of ours for all else', async () => {
    const open = (...answers: Parameters<typeof scriptedS3>[0]) =>
      s3OpenStaged(scriptedS3(answers).s3, 'bucket')('staged/x', signal);
    expect(await open(error(404, 'NoSuchKey'))).toBeUndefined();
    await expect(open(error(403, 'AccessDenied'))).rejects.toBeInstanceOf(ServiceRefused);
    await expect(open(error(503, 'SlowDown'))).rejects.toBeInstanceOf(ServiceUnavailable);
    await expect(open('cut')).rejects.toBeInstanceOf(ServiceUnavailable);
  });

  it('end with the reason of the signal', async () => {
    const reason = new Error('out of time');
    const open = s3OpenStaged(scriptedS3([{ status: 200, body: '' }]).s3, 'bucket');
    await expect(open('staged/x', AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
