package s3

import (
	"net/http"

	"github.com/why403/why403/internal/server/wire"
)

// configurations are the settings of buckets that are one document each.
var configurations = []*configuration{
	{name: "BucketEncryption", schema: encryptionSchema, check: checkEncryption, keep: keepEncryption, show: showEncryption, body: encryptionBody},
	{name: "BucketRequestPayment", schema: requestPaymentSchema, keep: keepRequestPayment, show: showRequestPayment, noDelete: true},
	{name: "BucketAbac", schema: abacSchema, keep: keepABAC, show: showABAC, noDelete: true},
	{name: "BucketAccelerateConfiguration", schema: accelerateSchema, refuses: noAcceleration, check: checkAccelerate, noDelete: true},
	corsConfiguration, websiteConfiguration, lifecycleConfiguration, replicationConfiguration,
	{name: "BucketLogging", schema: loggingSchema, check: checkLogging, noDelete: true},
	{name: "BucketNotificationConfiguration", schema: notificationSchema, check: checkNotification, noDelete: true},
}

var (
	corsConfiguration = &configuration{name: "BucketCors", schema: corsSchema, check: checkCORS, needsDigest: true,
		absent: missingConfiguration("NoSuchCORSConfiguration", "The CORS configuration does not exist")}
	websiteConfiguration = &configuration{name: "BucketWebsite", schema: websiteSchema, check: checkWebsite, keep: keepWebsite, seeded: seededWebsite,
		absent: missingConfiguration("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration")}
	lifecycleConfiguration = &configuration{name: "BucketLifecycleConfiguration", schema: lifecycleSchema, check: checkLifecycle, remember: keepMinimumSize, answered: tellMinimumSize, needsDigest: true,
		absent: missingConfiguration("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")}
	replicationConfiguration = &configuration{name: "BucketReplication", schema: replicationSchema, check: checkReplication, decide: (*exchange).decideReplication, needsDigest: true,
		absent: missingConfiguration("ReplicationConfigurationNotFoundError", "The replication configuration was not found")}
)

// listedConfigurations are the settings of which a bucket has several, by id.
var listedConfigurations = []*listedConfiguration{
	{kind: "Inventory", list: "ListInventoryConfigurationsResult", schema: inventorySchema, check: checkInventory},
	{kind: "Analytics", list: "ListBucketAnalyticsConfigurationResult", schema: analyticsSchema, check: checkAnalytics},
	{kind: "Metrics", list: "ListMetricsConfigurationsResult", schema: metricsSchema, check: checkFilter},
	{kind: "IntelligentTiering", list: "ListBucketIntelligentTieringConfigurationsOutput", schema: intelligentTieringSchema, check: checkIntelligentTiering},
}

// addConfigurations puts the operations on configurations into the table.
func addConfigurations(table map[string]operation) {
	for _, c := range configurations {
		c.operations(table)
	}
	for _, c := range listedConfigurations {
		c.operations(table)
	}
}

func missingConfiguration(code, message string) *wire.Error {
	return wire.NewError(http.StatusNotFound, code, message)
}
