"""What is wrong with a translation: pure checks, and their findings stored beside the text."""
