import { suiteOf } from './suite.ts';

suiteOf('the local cloud');
