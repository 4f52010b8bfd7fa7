/**
 * Every error that crosses a module boundary, by name. State machines import the names for their retry and
 * catch lists, so a name is written in one place only.
 *
 * Messages say what, the value got, the value allowed and the place; lower case, no full stop.
 */

/** Trying the same again later may succeed: a throttle, a cut connection, a busy service. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
}

/** Trying the same again cannot succeed: a person, or new input, has to change something. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
}

/** Thrown when the source answers 429, 5xx without a client's mistake in it, or the connection fails before a body. */
export class SourceUnavailable extends TransientError {
  override readonly name = 'SourceUnavailable';
}

/** Thrown when a response's body ends before its XML does, or the connection is cut in it. */
export class SourceTruncated extends TransientError {
  override readonly name = 'SourceTruncated';
}

/** Thrown when another live execution works on the same feed; its lease ends by itself. */
export class LeaseHeld extends TransientError {
  override readonly name = 'LeaseHeld';
}

/** Thrown when S3, Secrets Manager, EventBridge or the Data API throttles or fails on its own side. */
export class ServiceUnavailable extends TransientError {
  override readonly name = 'ServiceUnavailable';
}

/** Thrown when a Lambda's time is nearly up before its work is done. */
export class OutOfTime extends TransientError {
  override readonly name = 'OutOfTime';
}

/** Thrown when the source answers with a status, a content type or a page that no retry turns into data. */
export class SourceRefused extends TerminalError {
  override readonly name = 'SourceRefused';
  /** True when it was this very request that the source refused (a 4xx, a CRRED code), not who asked for it. */
  readonly isRequestAtFault: boolean;

  constructor(message: string, options: ErrorOptions & { isRequestAtFault?: boolean } = {}) {
    super(message, options);
    this.isRequestAtFault = options.isRequestAtFault ?? false;
  }
}

/** Thrown when a next link leads to a page that was read already, so that paging would never end. */
export class PagingLoop extends TerminalError {
  override readonly name = 'PagingLoop';
}

/** Thrown when a next link or a redirect leads to a host that the feed does not trust, or has a user or a secret in it. */
export class UntrustedHost extends TerminalError {
  override readonly name = 'UntrustedHost';
}

/** Thrown when a document is not well-formed XML, with URL or key, page, line and column. */
export class XmlMalformed extends TerminalError {
  override readonly name = 'XmlMalformed';
}

/** Thrown when a document is over a named limit of the parser: entity, text, attribute count, depth, record, document. */
export class XmlLimitExceeded extends TerminalError {
  override readonly name = 'XmlLimitExceeded';
}

/** Thrown when a document is well-formed and uses what is not supported: external entities, markup in entities, an encoding. */
export class XmlUnsupported extends TerminalError {
  override readonly name = 'XmlUnsupported';
}

/** Thrown when a document does not have the shape that its feed describes: another root, a late envelope value. */
export class DocumentMismatch extends TerminalError {
  override readonly name = 'DocumentMismatch';
}

/** Thrown when more rows were rejected than the feed allows. */
export class TooManyRejects extends TerminalError {
  override readonly name = 'TooManyRejects';
}

/** Thrown when a batch that must not be empty has no record at all. */
export class EmptyBatch extends TerminalError {
  override readonly name = 'EmptyBatch';
}

/** Thrown when a step had its whole time and no page done; only another execution can try it again, page by page. */
export class StepMovedNothing extends TerminalError {
  override readonly name = 'StepMovedNothing';
}

/** Thrown when the same step moved nothing in a second execution either, so that its slice would never end: the batch is parked. */
export class SliceStuck extends TerminalError {
  override readonly name = 'SliceStuck';
}

/** Thrown when a schedule finds its feed's next batch parked: nothing goes on until a person has looked at it. */
export class BatchParked extends TerminalError {
  override readonly name = 'BatchParked';
}

/** Thrown when one schedule's chain of executions, or a slice's chain of steps, is longer than any real backlog. */
export class GenerationLimitExceeded extends TerminalError {
  override readonly name = 'GenerationLimitExceeded';
}

/** Thrown when a feed file, an event, a record or the environment is not what its schema says. */
export class InvalidInput extends TerminalError {
  override readonly name = 'InvalidInput';
}

/** Thrown when an AWS service refuses a call that no retry mends: a missing right, bucket or object version. */
export class ServiceRefused extends TerminalError {
  override readonly name = 'ServiceRefused';
}

/** Thrown when a secret is missing, or has not the fields that its auth kind reads. */
export class SecretMissing extends TerminalError {
  override readonly name = 'SecretMissing';
}

/** Thrown when the warehouse lacks what a person has to give it: a right, a role, a database. Loads wait for it. */
export class WarehouseUnready extends TerminalError {
  override readonly name = 'WarehouseUnready';
}

/** Thrown when the warehouse cannot take a contract, as for a type that cannot change, or refuses a statement. */
export class WarehouseRefused extends TerminalError {
  override readonly name = 'WarehouseRefused';
}

const OF_DOCUMENTS: ReadonlySet<string> = new Set([
  'DocumentMismatch',
  'EmptyBatch',
  'SliceStuck',
  'TooManyRejects',
  'XmlLimitExceeded',
  'XmlMalformed',
  'XmlUnsupported',
]);

/** Whether a name is that of an error by a document itself: reading the same bytes again gives it again, whatever else is mended. */
export const isOfDocument = (name: string): boolean => OF_DOCUMENTS.has(name);
