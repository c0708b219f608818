package server

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/why403/why403/internal/store"
	"github.com/why403/why403/report"
)

// metrics are figures on the endpoint for Prometheus. All labels are bounded:
// services and operations are those that the endpoint knows ("" where a request was
// none of them), gates and verdicts the contract's.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	decisions *prometheus.CounterVec
	received  prometheus.Counter
	sent      prometheus.Counter
	underWay  prometheus.Gauge

	allowed prometheus.Counter // of decisions
	kinds   sync.Map           // answerKind -> *answerFigures: the vectors' own look-up costs five times as much
}

// An answerKind is what requests are counted by.
type answerKind struct {
	service, operation string
	status             int
}

type answerFigures struct {
	requests prometheus.Counter
	seconds  prometheus.Observer
}

// latencies are the buckets of the histogram, in seconds: from reads out of memory
// to uploads of whole gigabytes.
var latencies = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60}

func newMetrics(s store.Store) *metrics {
	name := func(n string) string { return prometheus.BuildFQName("why403", "", n) }
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("requests_total"),
			Help: "Requests answered, by AWS service, operation and HTTP status."}, []string{"service", "operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name("request_duration_seconds"), Buckets: latencies,
			Help: "Time from a request's header to the end of its answer."}, []string{"service", "operation"}),
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{Name: name("decisions_total"),
			Help: "Decisions of the engine, by verdict and, for refusals, the gate that is the cause."}, []string{"verdict", "gate"}),
		received: prometheus.NewCounter(prometheus.CounterOpts{Name: name("received_bytes_total"), Help: "Bytes of request bodies read."}),
		sent:     prometheus.NewCounter(prometheus.CounterOpts{Name: name("sent_bytes_total"), Help: "Bytes of answers sent, without headers."}),
		underWay: prometheus.NewGauge(prometheus.GaugeOpts{Name: name("requests_under_way"), Help: "Requests that are being answered."}),
	}
	m.allowed = m.decisions.WithLabelValues("allowed", "")
	m.registry.MustRegister(m.requests, m.seconds, m.decisions, m.received, m.sent, m.underWay, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if r, ok := s.(store.Reporter); ok {
		m.registry.MustRegister(figures{r})
	}
	return m
}

// handler answers in the format that Prometheus reads.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// answered counts a request when its answer is over.
func (m *metrics) answered(w *statusWriter, took time.Duration) {
	kind := answerKind{w.service, w.operation, w.status}
	known, ok := m.kinds.Load(kind)
	if !ok {
		known, _ = m.kinds.LoadOrStore(kind, &answerFigures{
			m.requests.WithLabelValues(w.service, w.operation, strconv.Itoa(w.status)), m.seconds.WithLabelValues(w.service, w.operation)})
	}
	f := known.(*answerFigures)
	f.requests.Inc()
	f.seconds.Observe(took.Seconds())
	m.sent.Add(float64(w.sent))
}

// decided counts a decision; nil: one that allowed.
func (m *metrics) decided(d *report.Decision) {
	switch {
	case d == nil:
		m.allowed.Inc()
	case d.Cause != nil:
		m.decisions.WithLabelValues(d.Verdict.String(), d.Cause.Gate.String()).Inc()
	default:
		m.decisions.WithLabelValues(d.Verdict.String(), "").Inc()
	}
}

// figures collects what a store tells of itself.
type figures struct{ store.Reporter }

var _ prometheus.Collector = figures{}

// Describe implements prometheus.Collector.
func (f figures) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(f, ch) }

// Collect implements prometheus.Collector.
func (f figures) Collect(ch chan<- prometheus.Metric) {
	for _, v := range f.Figures() {
		desc := prometheus.NewDesc("why403_store_"+v.Name, v.Help, nil, nil)
		kind := prometheus.GaugeValue
		if v.Counts {
			kind = prometheus.CounterValue
		}
		ch <- prometheus.MustNewConstMetric(desc, kind, v.Value)
	}
}
