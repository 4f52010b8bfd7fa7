import type { Capture } from './capture.ts';

/** The whole text of an element, that of its descendants too. */
export const newTextCapture = (): Capture => {
  let whole = '';
  return {
    open: () => undefined,
    text: (text) => {
      whole += text;
    },
    close: () => undefined,
    value: () => whole,
    size: () => whole.length,
  };
};
