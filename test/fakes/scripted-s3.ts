import { Readable } from 'node:stream';
import { S3Client } from '@aws-sdk/client-s3';

/** A response, or `cut`: the connection fails before one. */
export type ScriptedAnswer = { readonly status: number; readonly body: string } | 'cut';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A real S3 client whose wire is a list of answers; for the faults that no store gives on demand. */
export const scriptedS3 = (answers: readonly ScriptedAnswer[]) => {
  const left = [...answers];
  const requests: ScriptedRequest[] = [];
  const s3 = new S3Client({
    region: 'eu-west-1',
    endpoint: 'http://127.0.0.1:9',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
    requestHandler: {
      handle: async (request: ScriptedRequest) => {
        requests.push(request);
        const answer = left.shift();
        if (answer === undefined || answer === 'cut') throw new Error('socket hang up');
        return {
          response: {
            statusCode: answer.status,
            headers: {},
            body: Readable.from([Buffer.from(answer.body)]),
          },
        };
      },
    },
  });
  return { s3, requests };
};
