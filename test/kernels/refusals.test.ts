import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors';
import { operators } from './all-cases';

describe.each(Object.entries(operators).filter(([, { refused }]) => refused))(
  '%s refuses',
  (_, { refused = [] }) => {
    test.each(refused.map(([message, make]) => ({ message, make })))('$message', ({ message, make }) => {
      expect(make).toThrow(ShapeError);
      expect(make).toThrow(message);
    });
  },
);
