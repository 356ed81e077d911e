/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys of the tests, P-256, good from 2020 to 2050: of no use elsewhere. */
#ifndef TEST_PEM_H
#define TEST_PEM_H

static const char authority_pem[] = "-----BEGIN CERTIFICATE-----\n"
                                    "MIIBbjCCARSgAwIBAgIUS1JLIX+j5BMolwrkuWFJ1mXqiicwCgYIKoZIzj0EAwIw\n"
                                    "FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIwNTEwMTAx\n"
                                    "MDAwMDAwWjAUMRIwEAYDVQQDDAlhdXRob3JpdHkwWTATBgcqhkjOPQIBBggqhkjO\n"
                                    "PQMBBwNCAARPyBXXry7C/iPm4qNzmX4PBtD8Oqs4cxGTkiAMIM81xWOrFcec1OpP\n"
                                    "IjLUPbANadRy0Za9eg16E+bgxyqYaiWto0IwQDAPBgNVHRMBAf8EBTADAQH/MA4G\n"
                                    "A1UdDwEB/wQEAwICBDAdBgNVHQ4EFgQUJ57Dc7ON501bIof9FhCkn85OC+4wCgYI\n"
                                    "KoZIzj0EAwIDSAAwRQIgUYCWTM9Y05MJnhF/ESIMjzZCNlQprABPHuQOijQjRJgC\n"
                                    "IQDlU6WltA+kaPh8eeOr8F8Vp8sWBSbos+JgyERcOx7uzg==\n"
                                    "-----END CERTIFICATE-----\n";

static const char server_pem[] = "-----BEGIN CERTIFICATE-----\n"
                                 "MIIBvDCCAWKgAwIBAgIUL4M6RxB2Rzx2aGgwjdUCp6GcLf4wCgYIKoZIzj0EAwIw\n"
                                 "FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIwNTEwMTAx\n"
                                 "MDAwMDAwWjARMQ8wDQYDVQQDDAZzZXJ2ZXIwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
                                 "BwNCAARn6hxDybMJKXPY0uzrzspF0rk6i51MGzYqPceqVwsoocT6W9TRpcofg9HR\n"
                                 "3sm61ilOfR6akpCmXO+7ISPCVKqOo4GSMIGPMAwGA1UdEwEB/wQCMAAwDgYDVR0P\n"
                                 "AQH/BAQDAgeAMB0GA1UdDgQWBBRPYG0G4RGa2Tk2RryqrVqZBAU11zAfBgNVHSME\n"
                                 "GDAWgBQnnsNzs43nTVsih/0WEKSfzk4L7jATBgNVHSUEDDAKBggrBgEFBQcDATAa\n"
                                 "BgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZIzj0EAwIDSAAwRQIhAJai\n"
                                 "w3a9VOdYED1qi4chpMReEWzTRfRIqotxU4YRk3Q+AiBf0T6sa7UFwIJUVItpf/ot\n"
                                 "mKfhClYuUiazCyr5aly9Sg==\n"
                                 "-----END CERTIFICATE-----\n";

static const char server_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                 "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIOAHsTrub5RL/P42\n"
                                 "VcCTtBw5XGVQJGjY+lKYRzCFxbyhRANCAARn6hxDybMJKXPY0uzrzspF0rk6i51M\n"
                                 "GzYqPceqVwsoocT6W9TRpcofg9HR3sm61ilOfR6akpCmXO+7ISPCVKqO\n"
                                 "-----END PRIVATE KEY-----\n";

static const char client_pem[] = "-----BEGIN CERTIFICATE-----\n"
                                 "MIIBnjCCAUSgAwIBAgIUD6luCYLTQyHrW+vSI4E8J25g3MwwCgYIKoZIzj0EAwIw\n"
                                 "FDESMBAGA1UEAwwJYXV0aG9yaXR5MCAXDTIwMDEwMTAwMDAwMFoYDzIwNTEwMTAx\n"
                                 "MDAwMDAwWjARMQ8wDQYDVQQDDAZjbGllbnQwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
                                 "BwNCAAS2BSh0hyhdYR5hhUQfyemfthvd1rWWpkYrhyq09Q5rb5GBMQzty+Nh23cw\n"
                                 "NhKsvQflbebDMQsdogjtnFwgmcs7o3UwczAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB\n"
                                 "/wQEAwIHgDAdBgNVHQ4EFgQUnhTzjVqvqIHk0jpuJEcydlMtb80wHwYDVR0jBBgw\n"
                                 "FoAUJ57Dc7ON501bIof9FhCkn85OC+4wEwYDVR0lBAwwCgYIKwYBBQUHAwIwCgYI\n"
                                 "KoZIzj0EAwIDSAAwRQIhAJlye9EFdDf/8bgQzS9Z5olVPytfQfXVUqED1wO6yrHp\n"
                                 "AiBKJlHuX7BeWy/WrvkoXhFZrG0/UrRjuNuaaZNftRctSg==\n"
                                 "-----END CERTIFICATE-----\n";

static const char client_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                 "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNpKki/Zvmsq0a6yT\n"
                                 "WpzhCKUk3ZUOSGOFosHFNpOHb0GhRANCAAS2BSh0hyhdYR5hhUQfyemfthvd1rWW\n"
                                 "pkYrhyq09Q5rb5GBMQzty+Nh23cwNhKsvQflbebDMQsdogjtnFwgmcs7\n"
                                 "-----END PRIVATE KEY-----\n";

static const char stranger_pem[] = "-----BEGIN CERTIFICATE-----\n"
                                   "MIIBnjCCAUSgAwIBAgIUcpoaZyfY/CTJKWYeDJFmVyrgnW8wCgYIKoZIzj0EAwIw\n"
                                   "EjEQMA4GA1UEAwwHZm9yZWlnbjAgFw0yMDAxMDEwMDAwMDBaGA8yMDUxMDEwMTAw\n"
                                   "MDAwMFowEzERMA8GA1UEAwwIc3RyYW5nZXIwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
                                   "BwNCAARkGqFg8A2qpWd0rPekm/Ph2wyrJ4rpK6OlgUEK5mx514gNYAOoCROzt/1d\n"
                                   "Yg6sEc+ndh7sWhW/7PcmIDflp32Ro3UwczAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB\n"
                                   "/wQEAwIHgDAdBgNVHQ4EFgQUv1FzCLU67yeQKz/d612x9oDHx10wHwYDVR0jBBgw\n"
                                   "FoAUnRpFqXWXnd5LT8Hv92j1ilsckMkwEwYDVR0lBAwwCgYIKwYBBQUHAwIwCgYI\n"
                                   "KoZIzj0EAwIDSAAwRQIhAIoueFmzDite6C2COveGxgQdoOMUZsajY1PqBk0UQnSf\n"
                                   "AiAmUFm2Ao1N+e30VlQrP11rsvsjZvrV2Gdq+xcXHXWCuQ==\n"
                                   "-----END CERTIFICATE-----\n";

static const char stranger_key[] = "-----BEGIN PRIVATE KEY-----\n"
                                   "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfiWHAegCXVEQO3oq\n"
                                   "AjO3G0nLrsnce58ulKhdT6t0wxuhRANCAARkGqFg8A2qpWd0rPekm/Ph2wyrJ4rp\n"
                                   "K6OlgUEK5mx514gNYAOoCROzt/1dYg6sEc+ndh7sWhW/7PcmIDflp32R\n"
                                   "-----END PRIVATE KEY-----\n";

#endif
