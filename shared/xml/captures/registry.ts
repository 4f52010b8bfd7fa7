import type { Capture, CaptureForm } from './capture.ts';
import { newJsonCapture } from './json.ts';
import { newTextCapture } from './text.ts';
import { newXmlCapture } from './xml.ts';

const FORMS: Readonly<Record<CaptureForm['kind'], (form: CaptureForm) => Capture>> = {
  text: newTextCapture,
  xml: newXmlCapture,
  json: newJsonCapture,
};

/** Starts to keep an element as a form says. */
export const newCapture = (form: CaptureForm): Capture => FORMS[form.kind](form);
