import { describe, expect, it } from 'vitest';
import { s3RecordStore } from '../../../handlers/adapters/s3-record-store.ts';
import { ServiceRefused, ServiceUnavailable } from '../../../shared/errors.ts';
import { scriptedS3 } from '../../fakes/scripted-s3.ts';

type Answer = Parameters<typeof scriptedS3>[0][number];
const error = (status: number, code: string): Answer => ({
  status,
  body: `<Error><Code>${code}</Code><Message>m</Message></Error>`,
});
const ok = (body = ''): Answer => ({ status: 200, body });

const store = (...answers: Answer[]) => {
  const script = scriptedS3(answers);
  return { store: s3RecordStore(script.s3, 'bucket'), requests: script.requests };
};

describe('the S3 record store', () => {
  it('puts with If-None-Match, so that S3 decides who is first', async () => {
    const { store: records, requests } = store(ok());
    expect(await records.putIfAbsent('a', '{}')).toBeUndefined();
    expect(requests).toMatchObject([{ method: 'PUT', path: '/bucket/a', headers: { 'if-none-match': '*' } }]);
  });

  it('reads what is there on 412', async () => {
    const { store: records } = store(error(412, 'PreconditionFailed'), ok('theirs'));
    expect(await records.putIfAbsent('a', 'ours')).toBe('theirs');
  });

  it('puts again when the winner was removed before it could be read', async () => {
    const { store: records } = store(error(412, 'PreconditionFailed'), error(404, 'NoSuchKey'), ok());
    expect(await records.putIfAbsent('a', 'ours')).toBeUndefined();
  });

  it('puts again on 409, which says that a delete or another put was under way', async () => {
    const conflict = error(409, 'ConditionalRequestConflict');
    const { store: records } = store(conflict, error(404, 'NoSuchKey'), ok());
    expect(await records.putIfAbsent('a', 'ours')).toBeUndefined();
  });

  it('gives up, as transient, on a key that comes and goes', async () => {
    const round = [error(412, 'PreconditionFailed'), error(404, 'NoSuchKey')];
    const { store: records } = store(...Array.from({ length: 5 }, () => round).flat());
    await expect(records.putIfAbsent('a', 'ours')).rejects.toThrow(ServiceUnavailable);
  });

  it.each([
    [503, 'SlowDown', ServiceUnavailable],
    [500, 'InternalError', ServiceUnavailable],
    [403, 'AccessDenied', ServiceRefused],
    [404, 'NoSuchBucket', ServiceRefused],
  ] as const)('names the call, status and code of a %i %s', async (status, code, kind) => {
    const { store: records } = store(error(status, code));
    const read = records.read('plans/x.json');
    await expect(read).rejects.toThrow(kind);
    await expect(read).rejects.toThrow(`read of s3://bucket/plans/x.json failed with ${status} ${code}`);
  });

  it('says that no answer came', async () => {
    const { store: records } = store('cut');
    await expect(records.list('plans/')).rejects.toThrow(/list of .* failed with no answer/);
  });
});
