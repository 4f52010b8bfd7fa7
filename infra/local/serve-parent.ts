import { TerminalError } from '../../shared/errors.ts';
import { CHILD_ARGUMENTS, type FromChild, toChild } from './ipc.ts';
import { runAhead } from './time-ahead.ts';

export interface ParentHooks {
  acknowledge(id: number): void;
  /** What is still under way, counted after every earlier acknowledgement. */
  busy(): number;
  /** Throws InvalidInput for a fault that it does not know. */
  fault(fault: unknown): void;
  /** Ends cleanly; the process exits when it is done. */
  stop(): Promise<void>;
}

/** What the parent handed over; once read it is gone, so that no process of the child's own finds keys there. */
export const readArguments = (): unknown => {
  const text = process.env[CHILD_ARGUMENTS];
  delete process.env[CHILD_ARGUMENTS];
  return JSON.parse(text ?? 'null');
};

/** Sends a message to the parent; without a parent (a process started by hand) nobody listens. */
export const sendToParent = (message: FromChild): void => {
  if (process.connected) process.send?.(message);
};

/** Runs what makes a child ready. What a person has to mend is told to the parent in its own words, not as a stack on stderr. */
export const startForParent = async (start: () => Promise<void>): Promise<void> => {
  try {
    await start();
  } catch (cause) {
    if (!(cause instanceof TerminalError) || process.send === undefined) throw cause;
    const { message } = cause;
    process.send({ type: 'refused', message } satisfies FromChild, () => process.exit(1));
  }
};

/** Answers the parent's messages. When the parent is gone, even killed, the child ends too: its folder gets free. */
export const serveParent = (hooks: ParentHooks): void => {
  const stop = (): void => {
    void hooks.stop().then(() => process.exit(0));
  };
  process.on('disconnect', stop);
  if (process.send !== undefined && !process.connected) stop();
  process.on('message', (raw) => {
    const message = toChild.parse(raw);
    if (message.type === 'ack') hooks.acknowledge(message.id);
    else if (message.type === 'flush') sendToParent({ type: 'flushed', id: message.id, busy: hooks.busy() });
    else if (message.type === 'fault') hooks.fault(message.fault);
    else if (message.type === 'ahead') runAhead(message.ms);
    else stop();
  });
};
