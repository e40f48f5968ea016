"""Reads YAML with Ruby's own Psych, the reader that decides what Primero sees."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest

# Answers each document as JSON, or the name of the class that is not a text, so that nothing is made to look right.
_SCRIPT = """
require 'yaml'
require 'json'
def only_texts(node)
  case node
  when Hash then node.each { |key, value| raise "key #{key.class}" unless key.is_a?(String); only_texts(value) }
  when Array then node.each { |value| only_texts(value) }
  when String, nil then nil
  else raise "value #{node.class}"
  end
end
documents = JSON.parse(STDIN.read)
answers = documents.map do |text|
  begin
    tree = YAML.safe_load(text)
    only_texts(tree)
    {'tree' => tree}
  rescue StandardError, SyntaxError => error
    {'error' => "#{error.class}: #{error.message}"}
  end
end
puts JSON.generate(answers)
"""

_CLASSES = """
require 'yaml'
require 'json'
require 'date'
scanner = Psych::ScalarScanner.new(Psych::ClassLoader.new)
puts JSON.generate(JSON.parse(STDIN.read).map { |scalar| scanner.tokenize(scalar).class.name })
"""


def psych_trees(documents: list[str]) -> list[Any]:
    """Return what Psych reads from each document; skips the test where Ruby is not installed."""
    return [answer.get("tree", answer.get("error")) for answer in _ask(_SCRIPT, documents)]


def psych_classes(scalars: list[str]) -> list[str]:
    """Return the Ruby class that Psych gives each of these unquoted scalars; skips where Ruby is not installed."""
    return _ask(_CLASSES, scalars)


def _ask(script: str, texts: list[str]) -> list[Any]:
    ruby = shutil.which("ruby")
    if ruby is None:
        pytest.skip("Ruby is not installed: what Psych reads cannot be shown")
    command = [ruby, "-Eutf-8:utf-8", "-e", script]
    done = subprocess.run(command, input=json.dumps(texts).encode(), capture_output=True, check=True, timeout=120)
    answers: list[Any] = json.loads(done.stdout)
    return answers
