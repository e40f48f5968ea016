"""Building bundles, signing a language off, freezing releases, giving them out."""

from service.bundles.service.building import BuildOptions, Bundle, build_bundle, record_build

__all__ = ["BuildOptions", "Bundle", "build_bundle", "record_build"]
