package record

import (
	"maps"
	"slices"
)

// logNames are the names of the API's operations in access logs, the shortest
// where there are several.
var logNames = func() map[string]string {
	names := map[string]string{"ListObjectsV2": "REST.GET.BUCKET"}
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(operations))) {
		for _, api := range []string{operations[name].bucket, operations[name].object} {
			if old := names[api]; api != "" && (old == "" || len(name) <= len(old)) && name[:5] == "REST." {
				names[api] = name
			}
		}
	}
	names["GetObjectTagging"], names["PutObjectTagging"], names["DeleteObjectTagging"] = "REST.GET.OBJECT_TAGGING", "REST.PUT.OBJECT_TAGGING", "REST.DELETE.OBJECT_TAGGING"
	return names
}()

// LogName returns the name that access logs have for an operation of the API, ""
// where it is not known.
func LogName(operation string) string { return logNames[operation] }
