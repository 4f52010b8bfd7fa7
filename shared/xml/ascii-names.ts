/** Whether an ASCII character may stand in a name, and may begin one. */
const IN_NAME = Uint8Array.from({ length: 128 }, (_, code) =>
  /[\w:.-]/.test(String.fromCharCode(code)) ? 1 : 0,
);
const BEGINS_NAME = Uint8Array.from({ length: 128 }, (_, code) =>
  /[A-Za-z_:]/.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Codes past the end of a text are NaN. */
export const isInName = (code: number): boolean => code < 128 && IN_NAME[code] === 1;
export const beginsName = (code: number): boolean => code < 128 && BEGINS_NAME[code] === 1;
