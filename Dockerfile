FROM python:3.11-slim-bookworm

WORKDIR /app

COPY packages.txt requirements.lock ./
RUN apt-get update \
 && xargs apt-get install -y --no-install-recommends < packages.txt \
 && rm -rf /var/lib/apt/lists/* \
 && pip install --no-cache-dir --require-hashes -r requirements.lock \
 && useradd --system --uid 10001 --user-group --no-create-home scrawl \
 && install -d -o scrawl -g scrawl /data

COPY app.py server.py ./
COPY .streamlit .streamlit
COPY pages pages
COPY recognizer recognizer
COPY training training
COPY weights weights
COPY web web
COPY static static

# the page that instant mode shows
RUN python -m training.tools.export_web

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_SERVER_PORT=8501 \
    STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_SERVER_FILE_WATCHER_TYPE=none \
    STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE=true \
    SCRAWL_DATABASE=/data/corrections.sqlite

VOLUME /data
EXPOSE 8501
USER 10001

HEALTHCHECK --interval=30s --timeout=10s --start-period=90s --retries=3 \
    CMD python -c "import urllib.request as web; web.urlopen('http://127.0.0.1:$STREAMLIT_SERVER_PORT/healthz')"

CMD ["streamlit", "run", "server.py"]
