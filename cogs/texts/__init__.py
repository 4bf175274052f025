"""The tools of every sentence: languages, amounts, markdown, errors as sentences."""
