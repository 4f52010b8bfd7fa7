import { feeds, json, place, secrets } from './places.ts';
import type { Verb } from './verb.ts';

export const doctor: Verb = {
  summary: 'look at what a machine or a deployment needs, each fault with its remedy',
  options: { json, feeds, secrets, ...place },
  examples: ['npx millrace doctor', 'npx millrace doctor --env default --region eu-central-1'],
  run: async (args, io) => {
    const { showDoctor } = await import('../show-doctor.ts');
    const { openDeployment } = await import('../deployment/open-deployment.ts');
    const { thisMachine } = await import('../doctor-machine.ts');
    return showDoctor(args, io, { open: openDeployment, machine: thisMachine });
  },
};
