import type { HttpSource } from '../../shared/model/feed.ts';
import { paceOf } from '../../shared/source/pace.ts';
import type { PageRequest } from '../../shared/source/paging/form.ts';
import { pagingFormOf } from '../../shared/source/paging/registry.ts';
import { buildFirstRequest, type FirstRequest, headerSecretOf } from '../../shared/source/request.ts';
import { rulesOf } from '../../shared/source/responses/match.ts';
import { trustedHostsOf } from '../../shared/source/trusted-hosts.ts';
import type { PlanRecord, Slice, StepRecord } from '../../shared/state/records.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { SourceRequest } from '../ports/source.ts';
import type { SlicePosition } from './slice-position.ts';
import { sliceValuesOf } from './slice-values.ts';

/** A page that is to be read, and where the slice stands before it. */
export type Page = NonNullable<StepRecord['continuation']>;

/** A step of a slice of pages, as its requests depend on it. */
export interface PagesOf {
  readonly plan: PlanRecord;
  readonly http: HttpSource;
  readonly slice: Slice;
  readonly position: Pick<SlicePosition, 'restart' | 'step' | 'continuation'>;
}

/** Makes the slice's first request, again for a later page with that page's token. */
export const toFirstRequests = async (
  step: PagesOf,
  secrets: Secrets,
): Promise<(token?: string) => FirstRequest> => {
  const secretId = headerSecretOf(step.http);
  const input = {
    ...sliceValuesOf(step),
    ...(secretId === undefined ? {} : { secret: await secrets.read(secretId) }),
  };
  return (token) => buildFirstRequest(token === undefined ? input : { ...input, token });
};

/** The slice's first page, where it has no continuation. */
export const firstPage = ({ next }: HttpSource, { url, body }: FirstRequest): PageRequest => {
  const request = body === undefined ? { url } : { url, body };
  return next === undefined ? request : pagingFormOf(next).first(next, request);
};

/** The request of a page. */
export const toRequest = (step: PagesOf, first: FirstRequest, { url, body, page }: Page): SourceRequest => {
  const { auth, idleTimeoutMs, network = 'public', caSecret } = step.http;
  const { headers } = first;
  const trustedHosts = trustedHostsOf(step.http, first.url);
  const { slice, position, plan, http } = step;
  const isNew = position.restart === 0 && position.step === 0;
  const pace = paceOf(http, { slice: slice.slice, slices: plan.slices.length, isNew });
  const rules = rulesOf(http, plan.definition.contract);
  const validators = plan.known;
  return {
    ...{ url, body, page, headers, auth, trustedHosts, idleTimeoutMs, network, caSecret, pace },
    ...{ rules, validators },
  };
};
