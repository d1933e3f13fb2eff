"""What others may use of configurations."""

from tikfleet.domains.configs.service import ConfigComparisons

__all__ = ["ConfigComparisons"]
