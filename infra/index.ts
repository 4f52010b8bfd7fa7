/** What the package gives to a CDK app of one's own. */

export type { Feed } from '../shared/model/feed.ts';
export { type FeedsOptions, readFeeds } from './feeds-folder.ts';
export { Millrace, type MillraceProps } from './millrace.ts';
export { FEATURE_FLAGS, type SettingsInput } from './settings.ts';
