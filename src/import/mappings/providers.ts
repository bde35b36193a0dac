import { Provider } from '../../entities/provider.js';
import type { Mapping } from '../mapping.js';
import { configured } from './configured.js';

export const providers: Mapping = configured('providers', Provider);
