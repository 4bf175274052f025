"""What every sentence is made with: languages, amounts, markdown, the sentences of errors."""
