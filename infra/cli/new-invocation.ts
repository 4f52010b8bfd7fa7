import { randomUUID } from 'node:crypto';

/** As records name who put them: a command has no request id. */
export const newInvocation = (): string => `command-${randomUUID()}`;
