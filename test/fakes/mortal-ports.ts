import { Readable } from 'node:stream';
import type { ObjectStreams } from '../../handlers/ports/object-streams.ts';
import type { RecordStore } from '../../handlers/ports/record-store.ts';
import type { Source, SourceClock } from '../../handlers/ports/source.ts';
import { ServiceUnavailable, SourceTruncated } from '../../shared/errors.ts';

/** The ports of an invocation that may end at any of its moments: before and after each call, and at each few bytes that it reads or writes. */

/** What happens at a moment: nothing, the process is no more, or the call fails there as its port says it may. */
export type Moment = 'live' | 'die' | 'fail';

/** Asked at each moment; `place` says in words where it is. */
export type Fate = (place: string) => Moment;

export interface Ports {
  readonly records: RecordStore;
  readonly streams: ObjectStreams;
  readonly source: Source & SourceClock;
}

/** Bytes between two moments of a stream. */
const STRETCH = 60;

/** What a dead process waits for. */
const never = new Promise<never>(() => {});

/** One life, of a process or of all of them: whoever lives it dies at once. */
export interface Life {
  readonly isOver: boolean;
  /** Rejects when it is over. */
  readonly killed: Promise<never>;
  end(): void;
}

/** What becomes of an execution whose function is gone, as Step Functions names it. */
class Killed extends Error {
  override readonly name = 'Lambda.Unknown';
}

export const newLife = (): Life => {
  let isOver = false;
  let reject: (error: Error) => void = () => {};
  const killed = new Promise<never>((_, fail) => {
    reject = fail;
  });
  killed.catch(() => {});
  return {
    get isOver() {
      return isOver;
    },
    killed,
    end: () => {
      isOver = true;
      reject(new Killed('the function was killed'));
    },
  };
};

/** Ports that do as the given ones do while the life lasts: no call has an effect, or an answer, from then on. */
export const mortalPorts = ({ records, streams, source }: Ports, life: Life, fate: Fate): Ports => {
  const meet = async (place: string, toError: (message: string) => Error): Promise<void> => {
    if (life.isOver) return never;
    const moment = fate(place);
    if (moment === 'fail') throw toError(`${place}: failed on purpose`);
    if (moment !== 'die') return;
    life.end();
    await never;
  };
  const unavailable = (message: string): Error => new ServiceUnavailable(message);

  const call =
    <A extends readonly unknown[], R>(name: string, of: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await meet(`before ${name} ${String(args[0]).slice(0, 60)}`, unavailable);
      const answer = await of(...args);
      await meet(`after ${name}`, unavailable);
      return answer;
    };

  async function* stretches(
    bytes: AsyncIterable<Uint8Array>,
    name: string,
    toError: (text: string) => Error,
  ) {
    let at = 0;
    for await (const chunk of bytes) {
      for (let from = 0; from < chunk.byteLength; from += STRETCH) {
        await meet(`at byte ${at} of ${name}`, toError);
        const part = chunk.subarray(from, from + STRETCH);
        at += part.byteLength;
        yield part;
      }
    }
    await meet(`at the end of ${name}`, toError);
  }

  return {
    records: {
      read: call('read', records.read),
      putIfAbsent: call('putIfAbsent', records.putIfAbsent),
      remove: call('remove', records.remove),
      list: call('list', records.list),
    },
    streams: {
      head: call('head', streams.head),
      open: async (object, signal, range) => {
        await meet(`before open ${object.key}`, unavailable);
        return stretches(await streams.open(object, signal, range), object.key, unavailable);
      },
      upload: async (key, body, signal) => {
        body.on('error', () => {}); // an upload that fails before it reads is told of by its own error
        await meet(`before upload ${key}`, unavailable).catch((error: unknown) => {
          body.destroy();
          throw error;
        });
        const cut = Readable.from(stretches(body, `upload ${key}`, unavailable));
        const uploaded = await streams.upload(key, cut, signal);
        await meet('after upload', unavailable);
        return uploaded;
      },
    },
    source: {
      open: async (request, limits) => {
        await meet(`before GET ${request.url}`, unavailable);
        const response = await source.open(request, limits);
        const cut = (message: string): Error => new SourceTruncated(message);
        return { ...response, body: stretches(response.body, request.url, cut) };
      },
      readClock: call('readClock', source.readClock),
    },
  };
};
