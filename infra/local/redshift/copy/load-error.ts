/** A field that COPY refuses: a row of sys_load_error_detail (docs.aws.amazon.com/redshift/latest/dg/SYS_LOAD_ERROR_DETAIL.html). */
export interface LoadErrorDetail {
  /** `s3://bucket/key` */
  readonly fileName: string;
  /** Of the line on which the record begins, from 1. */
  readonly lineNumber: number;
  readonly columnName: string;
  readonly columnType: string;
  /** As text; empty for types without a length. */
  readonly columnLength: string;
  /** Of the field in its record, in bytes from 0. */
  readonly position: number;
  /** docs.aws.amazon.com/redshift/latest/dg/r_Load_Error_Reference.html */
  readonly errorCode: number;
  readonly errorMessage: string;
}

/** Thrown when a COPY's data does not fit its table; the message is Redshift's. */
export class LoadFailed extends Error {
  override readonly name = 'LoadFailed';
  readonly detail: LoadErrorDetail;

  constructor(table: string, detail: LoadErrorDetail) {
    super(`Load into table '${table}' failed. Check 'sys_load_error_detail' system table for details.`);
    this.detail = detail;
  }
}

/** What is wrong with a field, by the load error reference. */
export interface FieldError {
  readonly code: number;
  readonly message: string;
}

/** Thrown while a piece is read; the reader of the file adds the file's name. */
export class FieldRefused extends Error {
  override readonly name = 'FieldRefused';
  readonly place: Omit<LoadErrorDetail, 'fileName'>;

  constructor(place: Omit<LoadErrorDetail, 'fileName'>) {
    super(place.errorMessage);
    this.place = place;
  }
}
