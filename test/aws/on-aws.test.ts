import { suiteOf } from './suite.ts';

suiteOf('AWS');
