"""Pure functions: arrays and tables in, arrays and tables out. No paths, no clock, no globals."""
