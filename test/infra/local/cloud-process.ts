import { startLocalCloud } from '../../../infra/local/cloud.ts';

/** A local cloud in a process of its own, to be killed or interrupted: fires the schedule Start and prints what its machines do. */
const [assembly = '', data = ''] = process.argv.slice(2);
const cloud = await startLocalCloud({
  assembly,
  data,
  secrets: {},
  onProgress: (progress) => console.log(progress.type, 'path' in progress ? progress.path : ''),
});
process.once('SIGINT', () => void cloud.close());
await cloud.fireSchedule('One-Start', new Date('2026-11-23T12:00:00Z'));
