"""Other people's formats, read into facts: lazily, line by line, and never stopped by one bad record.

A record that cannot be read becomes an arrival with a problem and its original bytes. It has no id yet, so that the
corrected record may come under the same one. A file that cannot be read at all raises `errors.InputError`.
"""
