/** The page without opponents. */
import { installBench } from './page';

installBench();
