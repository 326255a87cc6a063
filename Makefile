# Everything a fresh machine needs: Python 3.11 or later, and make.
PYTHON ?= python3
BIN := .venv/bin
CASE := cases/library/noms-n9.yaml
OUT := out
HASHED := build/lock/hashing/bin/uv pip compile --quiet --generate-hashes --no-deps --universal --python-version 3.11.5 \
	--no-header --no-annotate
UNHASHED := sed -e 's/ .*//' -e '/^$$/d'
TESTS ?= -m "not slow and not browser"

.PHONY: help demo test prove browser lint types contract check verify bench loads readme picture renew docs site page parts wheel lock lock-docs clean install

help:
	@echo "make demo   advise on a worked patient, and draw the explanation into $(OUT)/"
	@echo "make test   run the tests"
	@echo "make prove  run the long proofs"
	@echo "make renew  write anew what is written from the knowledge: schemas, pages, pictures, golden texts"
	@echo "make docs   builds the site of the documentation into build/site, strictly"
	@echo "make site   the same, and into build/site/page the page that needs no server"
	@echo "make install browser lint types contract check verify bench readme wheel lock clean"

install: .venv/installed

.venv/installed: pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "metspine needs Python 3.11 or later; name one with: make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -m compileall -q knowledge_base cases engine explain metspine
	@$(BIN)/python -c 'from knowledge_base.loading.cache import keep_all; keep_all()'
	@touch $@

demo: install
	@mkdir -p $(OUT)
	@$(BIN)/metspine advise $(CASE) --diagram $(OUT)/demo.svg
	@$(BIN)/metspine advise $(CASE) --diagram $(OUT)/demo.png > /dev/null

test: install
	$(BIN)/python -m pytest -n auto $(TESTS)

# The long proofs: 100,000 random patients of the program and many of all else, every hash seed, every library case; a night.
prove: install
	$(BIN)/python -m pytest -n auto -m slow

# The clinician's page in a real browser; skipped where there is no Chromium.
browser: install
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "browser and not slow" tests/browser

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

contract: install
	$(BIN)/lint-imports

check: install
	$(BIN)/metspine check

verify: install
	$(BIN)/metspine verify

bench: install
	$(BIN)/python -m tests.bench.startup
	$(BIN)/python -m tests.bench.consultation
	$(BIN)/python -m tests.bench.settledness
	$(BIN)/python -m tests.bench.cohort
	$(BIN)/python -m tests.bench.journal
	$(BIN)/python -m tests.bench.verification
	$(BIN)/python -m tests.bench.page

# Mistakes in the knowledge are told by file and line before anything is written from it.
loads: install
	@$(BIN)/metspine template > /dev/null

# What README.md shows, renewed.
readme: loads
	$(BIN)/python docs/refresh.py

# The picture of the live page that README.md begins with; needs a Chromium.
picture: install
	$(BIN)/python docs/picture.py

# All that is written from the knowledge: schemas, pages, pictures and golden texts. Read the difference before it is kept.
renew: install readme
	$(BIN)/python -m knowledge_base.schema
	$(BIN)/python -m cases.schema
	rm -rf docs/knowledge && $(BIN)/metspine knowledge --write
	$(BIN)/metspine agreement --write
	$(BIN)/metspine approve
	$(BIN)/python -m pytest -q tests/explain/test_golden.py tests/explain/test_drawing.py --snapshot-update

# The site of the documentation; a link or an anchor that leads nowhere ends it, and so does anything loaded from elsewhere.
docs: .venv/installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# The page without a server, beside the documentation: one folder for any static host or file share. Needs node with npm.
site: docs page

page: parts
	$(BIN)/python -m static_page.build build/site/page

# What that page carries and is fetched from elsewhere, alone.
parts: build/static_page/fetched

build/static_page/fetched: .venv/installed $(wildcard static_page/*.*)
	$(BIN)/python -m static_page.build
	@touch $@

.venv/installed-docs: .venv/installed requirements-docs.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

# The wheel, in an environment that holds nothing else, runs a case; below 150 MB as long as nothing is drawn.
wheel: install
	rm -rf build/wheel && mkdir -p build/wheel
	$(BIN)/python -m build --wheel --outdir build/wheel . > build/wheel/log
	$(PYTHON) -m venv build/wheel/empty
	$(UNHASHED) requirements.lock > build/wheel/versions
	build/wheel/empty/bin/python -m pip install --quiet --disable-pip-version-check -c build/wheel/versions build/wheel/*.whl
	cd build/wheel && empty/bin/metspine advise ../../$(CASE) > case.txt && test -s case.txt
	test $$(du -sk build/wheel/empty/lib | cut -f1) -lt 153600
	build/wheel/empty/bin/python -m pip install --quiet --disable-pip-version-check -c build/wheel/versions "$$(echo build/wheel/*.whl)[draw]"
	cd build/wheel && empty/bin/metspine advise ../../$(CASE) --diagram case.svg > case.txt && test -s case.svg

# Newest versions that pyproject.toml allows, written down with the hashes of all their files, for every Python and machine;
# the site is built with the same ones where it needs the same.
lock:
	rm -rf build/lock && $(PYTHON) -m venv build/lock/all
	build/lock/all/bin/python -m pip install --quiet --upgrade pip
	$(UNHASHED) static_page/requirements.lock > build/lock/compiled-for-browsers
	build/lock/all/bin/python -m pip install --quiet -c build/lock/compiled-for-browsers --group dev --group browser .
	build/lock/all/bin/python -m pip freeze --exclude metspine --exclude pip > build/lock/versions
	$(PYTHON) -m venv build/lock/hashing && build/lock/hashing/bin/python -m pip install --quiet uv
	{ echo "# Exact versions of everything, written by \`make lock\`; the reasons stand in pyproject.toml."; \
	  $(HASHED) build/lock/versions; } > requirements.lock
	$(MAKE) lock-docs

lock-docs:
	rm -rf build/lock/docs && $(PYTHON) -m venv build/lock/docs
	build/lock/docs/bin/python -m pip install --quiet --upgrade pip
	$(UNHASHED) requirements.lock > build/lock/versions
	build/lock/docs/bin/python -m pip install --quiet --group docs -c build/lock/versions
	build/lock/docs/bin/python -m pip freeze --exclude pip --exclude setuptools > build/lock/versions-docs
	{ echo "# Exact versions of what \`make docs\` needs, written by \`make lock\`; the reasons stand in pyproject.toml."; \
	  $(HASHED) build/lock/versions-docs; } > requirements-docs.lock

clean:
	rm -rf .venv build $(OUT) .mypy_cache .ruff_cache .pytest_cache .hypothesis
