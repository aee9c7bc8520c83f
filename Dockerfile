# One image for everything: `seacliff up` alone, or `seacliff web` and `seacliff worker` beside a PostgreSQL of yours.
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 SEACLIFF_DATA_DIR=/data SEACLIFF_HOST=0.0.0.0
RUN useradd --create-home --uid 1000 seacliff && install -d -o seacliff -m 700 /data

WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY src src
COPY pyproject.toml README.md LICENSE ./
RUN pip install --no-cache-dir --no-deps . && rm -rf src

USER seacliff
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/livez', timeout=5)"]
ENTRYPOINT ["seacliff"]
CMD ["up"]
