"""What should be known about a table and its split before training: leaks, twins, drift."""

from steelyard.checks.findings import CODES as CODES
from steelyard.checks.findings import Finding as Finding
from steelyard.checks.procedure import check as check
