import { describe, expect, it } from 'vitest';
import type { Place } from '../place.ts';
import { COPY_QUESTIONS } from './copy.ts';
import { DATA_API_QUESTIONS } from './data-api.ts';
import { PROCEDURE_QUESTIONS } from './procedures.ts';
import { SQL_QUESTIONS } from './sql.ts';

export const QUESTIONS = [...SQL_QUESTIONS, ...PROCEDURE_QUESTIONS, ...COPY_QUESTIONS, ...DATA_API_QUESTIONS];

/** What has been confirmed nowhere but here: a test a question, which fails with what it found where that is not what Millrace goes by. */
export const askOf = (name: string, isLocal: boolean, place: () => Promise<Place>): void => {
  describe(`unconfirmed by AWS's pages, asked of ${name}`, () => {
    for (const question of QUESTIONS) {
      const expected = isLocal ? (question.local ?? question.answer) : question.answer;
      if (expected === 'cannot be asked') continue;
      it(question.title, async ({ skip }) => {
        const found = await question.ask(await place());
        if (found === undefined) return skip('docs/aws-tests.md says whom it needs');
        expect(found, `${question.title} ${found}`).toMatch(RegExp(`^${expected}`));
      });
    }
  });
};
