// SPDX-License-Identifier: Apache-2.0

// Renders a page as an exporter in Go does, by client_golang: gathers its metrics, then encodes
// them. What is measured is the best of some rounds.
//
// usage: render PAGE ROUNDS; PAGE is in the text format. Prints for text and protobuf
// "FORMAT NS_GATHERED_AND_ENCODED NS_ENCODED BYTES", and ends with an error if its text has
// other values than PAGE.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"sort"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// A snapshot: histograms that stand ready, as those of an exporter that read them from elsewhere.
type snapshot struct {
	desc    *prometheus.Desc
	metrics []prometheus.Metric
}

func (s *snapshot) Describe(ch chan<- *prometheus.Desc) { ch <- s.desc }

func (s *snapshot) Collect(ch chan<- prometheus.Metric) {
	for _, metric := range s.metrics {
		ch <- metric
	}
}

func names(metric *dto.Metric) (ret []string) {
	for _, label := range metric.Label {
		ret = append(ret, label.GetName())
	}
	return
}

func values(metric *dto.Metric) (ret []string) {
	for _, label := range metric.Label {
		ret = append(ret, label.GetValue())
	}
	return
}

func newSnapshot(family *dto.MetricFamily) *snapshot {
	ret := &snapshot{desc: prometheus.NewDesc(family.GetName(), family.GetHelp(),
		names(family.Metric[0]), nil)}
	for _, metric := range family.Metric {
		histogram := metric.GetHistogram()
		buckets := map[float64]uint64{}
		for _, bucket := range histogram.Bucket {
			buckets[bucket.GetUpperBound()] = bucket.GetCumulativeCount()
		}
		ret.metrics = append(ret.metrics, prometheus.MustNewConstHistogram(ret.desc,
			histogram.GetSampleCount(), histogram.GetSampleSum(), buckets, values(metric)...))
	}
	return ret
}

func encode(families []*dto.MetricFamily, format expfmt.Format, to io.Writer) {
	encoder := expfmt.NewEncoder(to, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			log.Fatal(err)
		}
	}
}

type counter struct{ bytes int }

func (c *counter) Write(p []byte) (int, error) {
	c.bytes += len(p)
	return len(p), nil
}

func measure(registry *prometheus.Registry, format expfmt.Format, rounds int) (both, encoded time.Duration, bytes int) {
	for i := 0; i < rounds; i++ {
		to := &counter{}
		block := bufio.NewWriterSize(to, 64<<10)
		start := time.Now()
		families, err := registry.Gather()
		if err != nil {
			log.Fatal(err)
		}
		gathered := time.Now()
		encode(families, format, block)
		block.Flush()
		if end := time.Since(start); i == 0 || end < both {
			both = end
		}
		if end := time.Since(gathered); i == 0 || end < encoded {
			encoded = end
		}
		bytes = to.bytes
	}
	return
}

func parse(page []byte) map[string]*dto.MetricFamily {
	var parser expfmt.TextParser
	families, err := parser.TextToMetricFamilies(bytes.NewReader(page))
	if err != nil {
		log.Fatal(err)
	}
	return families
}

// Gather sorts by the labels' values.
func sorted(families map[string]*dto.MetricFamily) (ret []string) {
	for _, family := range families {
		for _, metric := range family.Metric {
			ret = append(ret, family.GetName()+" "+metric.String())
		}
	}
	sort.Strings(ret)
	return
}

func main() {
	page, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	rounds, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	for _, family := range parse(page) {
		registry.MustRegister(newSnapshot(family))
	}
	gathered, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	var text bytes.Buffer
	encode(gathered, expfmt.FmtText, &text)
	if !reflect.DeepEqual(sorted(parse(text.Bytes())), sorted(parse(page))) {
		log.Fatal("its text has other values")
	}
	for _, format := range []struct {
		name string
		is   expfmt.Format
	}{{"text", expfmt.FmtText}, {"protobuf", expfmt.FmtProtoDelim}} {
		both, encoded, bytes := measure(registry, format.is, rounds)
		fmt.Println(format.name, both.Nanoseconds(), encoded.Nanoseconds(), bytes)
	}
}
