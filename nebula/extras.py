"""Which extra installs what the library alone does without."""

_BROUGHT = {
    "openl3": ("h5py",),
    "tune": ("cmaes", "dask", "distributed", "jinja2", "optuna", "plotly", "sklearn", "sqlalchemy", "tomli_w"),
    "service": (
        "a2wsgi", "alembic", "anyio", "fastapi", "markupsafe", "optuna_dashboard", "prometheus_client", "psycopg",
        "pydantic_settings", "python_multipart", "segno", "starlette", "uvicorn", "yaml",
    ),
}  # fmt: skip

#: The extra that brings each module.
EXTRAS = {module: extra for extra, modules in _BROUGHT.items() for module in modules}
