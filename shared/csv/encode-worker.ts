import { parentPort } from 'node:worker_threads';
import { type EncodeReply, type EncodeRequest, unpackRows } from './encoder.ts';
import { toCsv } from './stringify.ts';

/** The thread that encodes CSV: an entry of its own, also where functions are bundled. */
parentPort?.on('message', ({ id, packed, rules }: EncodeRequest) => {
  try {
    // A buffer of its own, not a slice of Node's pool, can be handed over without a copy.
    const bytes = new TextEncoder().encode(toCsv(unpackRows(packed), rules));
    const reply: EncodeReply = { id, bytes };
    parentPort?.postMessage(reply, [bytes.buffer]);
  } catch (error) {
    const reply: EncodeReply = { id, error: String(error) };
    parentPort?.postMessage(reply);
  }
});
