import { type FromChild, toChild } from './ipc.ts';

export interface ParentHooks {
  acknowledge(id: number): void;
  /** What is still under way, counted after every earlier acknowledgement. */
  busy(): number;
  /** Throws InvalidInput for a fault that it does not know. */
  fault(fault: unknown): void;
  /** Ends cleanly; the process exits when it is done. */
  stop(): Promise<void>;
}

/** Sends a message to the parent; without a parent (a process started by hand) nobody listens. */
export const sendToParent = (message: FromChild): void => {
  if (process.connected) process.send?.(message);
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
    else stop();
  });
};
