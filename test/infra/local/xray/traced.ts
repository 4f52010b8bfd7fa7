import { Tracer } from '@aws-lambda-powertools/tracer';

/** What a handler does with the real tracer, in a process whose environment is the local cloud's. */
const tracer = new Tracer({ serviceName: 'extract' });
const facade = tracer.getSegment();
const handler = facade?.addNewSubsegment('## index.handler');
if (handler !== undefined) tracer.setSegment(handler);
for (const name of ['read', 'parse']) {
  await tracer.provider.captureAsyncFunc(name, async (subsegment) => {
    subsegment?.addAnnotation('rows', 7);
    await new Promise((resolve) => setTimeout(resolve, 10));
    subsegment?.close();
  });
}
handler?.close();
