"""The public contract: every fact and event in Avro, by name and version, and how to read and write them.

The `.avsc` files are the only source of shapes. A published file is never edited (LOCK holds its SHA-256); a
new version stands beside the old one. This package imports nothing else of the product.
"""
