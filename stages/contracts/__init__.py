"""What may cross a file boundary: errors, vocabulary, params, table schemas, checked table I/O."""
