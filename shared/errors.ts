/**
 * Every error that crosses a module boundary, by name, with what becomes of it. State machines, records and loads ask the
 * class (fates.ts): a name stands here and nowhere else.
 *
 * Messages say what, the value got, the value allowed and the place; lower case, no full stop.
 */

/**
 * What becomes of an error:
 * - `retry`: the state machines try the same again, after seconds.
 * - `wait`: nothing of the work is at fault. It stays as it is, and a later execution takes it up.
 * - `document`: the same bytes give it again. A batch of a landed object is parked; a source over HTTP is asked again.
 * - `batch`: no later execution mends it: the batch is parked, whatever its source.
 * - `person`: a person, or new input, has to change something; what was read of the source stays due.
 */
export type Fate = 'retry' | 'wait' | 'document' | 'batch' | 'person';

/** Trying the same again later may succeed: a throttle, a cut connection, a busy service. */
export class TransientError extends Error {
  override readonly name: string = 'TransientError';
  readonly fate: 'retry' | 'wait' = 'retry';
}

/** Trying the same again cannot succeed: a person, or new input, has to change something. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
  readonly fate: Exclude<Fate, 'retry'> = 'person';
}

/** Thrown when the source answers 429, 5xx without a client's mistake in it, or the connection fails before a body. */
export class SourceUnavailable extends TransientError {
  override readonly name = 'SourceUnavailable';
  override readonly fate = 'retry';
  /** True when the source is well and was asked too often (429): asking once more soon makes it worse. */
  readonly isThrottle: boolean = false;
}

/** Thrown when the source said up to the end of an execution's time that it is asked too often. A slice that moved in it goes on in the next one. */
export class SourceBusy extends TerminalError {
  override readonly name = 'SourceBusy';
  override readonly fate = 'wait';
}

/** Thrown when a response's body ends before its XML does, or the connection is cut in it. */
export class SourceTruncated extends TransientError {
  override readonly name = 'SourceTruncated';
  override readonly fate = 'retry';
}

/** Thrown when another live execution works on the same feed; its lease ends by itself. */
export class LeaseHeld extends TransientError {
  override readonly name = 'LeaseHeld';
  override readonly fate = 'wait';
}

/** Thrown when S3, Secrets Manager, EventBridge or the Data API throttles or fails on its own side. */
export class ServiceUnavailable extends TransientError {
  override readonly name = 'ServiceUnavailable';
  override readonly fate = 'retry';
}

/** Thrown when a Lambda's time is nearly up before its work is done. */
export class OutOfTime extends TransientError {
  override readonly name = 'OutOfTime';
  override readonly fate = 'retry';
}

/** Thrown when the source answers with a status, a content type or a page that no retry turns into data. */
export class SourceRefused extends TerminalError {
  override readonly name = 'SourceRefused';
  override readonly fate = 'person';
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
  override readonly fate = 'person';
}

/** Thrown when a next link or a redirect leads to a host that the feed does not trust, or has a user or a secret in it. */
export class UntrustedHost extends TerminalError {
  override readonly name = 'UntrustedHost';
  override readonly fate = 'person';
}

/** Thrown when a document is not well-formed XML, with URL or key, page, line and column. */
export class XmlMalformed extends TerminalError {
  override readonly name = 'XmlMalformed';
  override readonly fate = 'document';
}

/** Thrown when a document is over a named limit of the parser: entity, text, attribute count, depth, record, document. */
export class XmlLimitExceeded extends TerminalError {
  override readonly name = 'XmlLimitExceeded';
  override readonly fate = 'document';
}

/** Thrown when a document is well-formed and uses what is not supported: external entities, markup in entities, an encoding. */
export class XmlUnsupported extends TerminalError {
  override readonly name = 'XmlUnsupported';
  override readonly fate = 'document';
}

/** Thrown when a document does not have the shape that its feed describes: another root, a late envelope value. */
export class DocumentMismatch extends TerminalError {
  override readonly name = 'DocumentMismatch';
  override readonly fate = 'document';
}

/** Thrown when more rows were rejected than the feed allows. */
export class TooManyRejects extends TerminalError {
  override readonly name = 'TooManyRejects';
  override readonly fate = 'document';
}

/** Thrown when a batch that must not be empty has no record at all. */
export class EmptyBatch extends TerminalError {
  override readonly name = 'EmptyBatch';
  override readonly fate = 'document';
}

/** Thrown when a step had its whole time and no page done; only another execution can try it again, page by page. */
export class StepMovedNothing extends TerminalError {
  override readonly name = 'StepMovedNothing';
  override readonly fate = 'wait';
}

/** Thrown when the same step moved nothing in a second execution either, so that its slice would never end: the batch is parked. */
export class SliceStuck extends TerminalError {
  override readonly name = 'SliceStuck';
  override readonly fate = 'batch';
}

/** Thrown when a schedule finds its feed's next batch parked: nothing goes on until a person has looked at it. */
export class BatchParked extends TerminalError {
  override readonly name = 'BatchParked';
  override readonly fate = 'person';
}

/** Thrown when one schedule's chain of executions, or a slice's chain of steps, is longer than any real backlog. */
export class GenerationLimitExceeded extends TerminalError {
  override readonly name = 'GenerationLimitExceeded';
  override readonly fate = 'person';
}

/** Thrown when a feed file, an event, a record or the environment is not what its schema says. */
export class InvalidInput extends TerminalError {
  override readonly name = 'InvalidInput';
  override readonly fate = 'person';
  /** The command that does it rightly, without the words for a deployment. The message ends with it. */
  next: string | undefined;

  static withNext(message: string, next: string): InvalidInput {
    const error = new InvalidInput(`${message}: ${next}`);
    error.next = next;
    return error;
  }
}

/** Thrown when an AWS service refuses a call that no retry mends: a missing right, bucket or object version. */
export class ServiceRefused extends TerminalError {
  override readonly name = 'ServiceRefused';
  override readonly fate = 'wait';
}

/** Thrown when a secret is missing, or has not the fields that its auth kind reads. */
export class SecretMissing extends TerminalError {
  override readonly name = 'SecretMissing';
  override readonly fate = 'person';
}

/** Thrown when the warehouse lacks what a person has to give it: a right, a role, a database. Loads wait for it. */
export class WarehouseUnready extends TerminalError {
  override readonly name = 'WarehouseUnready';
  override readonly fate = 'wait';
}

/** Thrown when the warehouse cannot take a contract, as for a type that cannot change, or refuses a statement. */
export class WarehouseRefused extends TerminalError {
  override readonly name = 'WarehouseRefused';
  override readonly fate = 'person';
}

/** Thrown of the load that ends a rebuild where the warehouse lacks what was read for it: that is loaded first, and then the rebuild is ended. */
export class RebuildLost extends TerminalError {
  override readonly name = 'RebuildLost';
  override readonly fate = 'person';
}

/** Thrown when a feed's table has another key, sequence, disposition or parent than the rows that its target holds. */
export class TargetChanged extends TerminalError {
  override readonly name = 'TargetChanged';
  override readonly fate = 'person';
}

/** Thrown of a load whose data the warehouse cannot take: the batches at fault are parked, the others go on. */
export class LoadDataRefused extends TerminalError {
  override readonly name = 'LoadDataRefused';
  override readonly fate = 'batch';
}

/** Thrown of a comparison of keys that would delete more rows than its feed allows: nothing is deleted, and the batch is parked. */
export class TooManyDeleted extends TerminalError {
  override readonly name = 'TooManyDeleted';
  override readonly fate = 'batch';
}

/** Thrown of a load that the warehouse refuses for a reason that nobody here knows: what of its batches brings it about is parked, the others go on. */
export class LoadRefused extends TerminalError {
  override readonly name = 'LoadRefused';
  override readonly fate = 'batch';
}

/** Thrown where a record in S3 is of a version that only a newer release reads. */
export class RecordTooNew extends TerminalError {
  override readonly name = 'RecordTooNew';
  override readonly fate = 'person';
}

/** Thrown of a load whose tries in a row all failed by what passes: the sweep goes on with it. */
export class LoadTriesExhausted extends TerminalError {
  override readonly name = 'LoadTriesExhausted';
  override readonly fate = 'wait';
}

/** Thrown when a load's statement has ended and no record names it: its own record may be about to be put, or it is another deployment's. */
export class SubmissionUnknown extends TransientError {
  override readonly name = 'SubmissionUnknown';
  override readonly fate = 'retry';
}
